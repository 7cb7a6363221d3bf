// A parameterised package: the plugin "testing" turned into the package "shapes".
import * as pulumi from "@pulumi/pulumi";
import * as resproto from "@pulumi/pulumi/proto/resource_pb";

async function register(): Promise<string> {
    const request = new resproto.RegisterPackageRequest();
    request.setName("testing");
    request.setVersion("1.0.0");
    const parameter = new resproto.Parameterization();
    parameter.setName("shapes");
    parameter.setVersion("2.3.4");
    parameter.setValue(Buffer.from("three corners").toString("base64"));
    request.setParameterization(parameter);
    const monitor: any = pulumi.runtime.getMonitor();
    const response = await new Promise<any>((resolve, reject) => monitor.registerPackage(request, (error: any, result: any) => error ? reject(error) : resolve(result)));
    return response.getRef();
}

const reference = register();
class Shape extends pulumi.CustomResource {
    declare public readonly computed: pulumi.Output<string>;
    constructor(name: string, args: Record<string, any>, options?: pulumi.CustomResourceOptions) {
        super("shapes:index:Triangle", name, { computed: undefined, ...args }, options, false, reference);
    }
}

const shape = new Shape("triangle", { value: 1 });
export const computed = shape.computed;
export const invoked = pulumi.output(pulumi.runtime.invoke("shapes:index:echo", { a: 1 }, {}, reference)).apply(result => result.package);
