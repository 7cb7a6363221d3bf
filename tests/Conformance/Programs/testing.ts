// What every program here uses: resources of the package "testing" (Plugins/testing.js) and the step of a program's life,
// which the test sets by configuration.
import * as pulumi from "@pulumi/pulumi";

export const config = new pulumi.Config();
export const step = config.getNumber("step") ?? 0;

export class Thing extends pulumi.CustomResource {
    declare public readonly value: pulumi.Output<any>;
    declare public readonly computed: pulumi.Output<string>;
    declare public readonly made: pulumi.Output<string>;

    constructor(name: string, args: Record<string, any> = {}, options?: pulumi.CustomResourceOptions, type = "testing:index:Thing") {
        super(type, name, { value: undefined, computed: undefined, made: undefined, ...args }, options);
    }

    public static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Thing {
        return new Thing(name, {}, { ...options, id });
    }

    public describe(greeting: pulumi.Input<string>): pulumi.Output<string> {
        return pulumi.runtime.call<any>("testing:index:Thing/describe", { __self__: this, greeting }, this).apply<string>(result => result.said);
    }
}

export class Named extends pulumi.CustomResource {
    declare public readonly name: pulumi.Output<string>;

    constructor(name: string, args: Record<string, any> = {}, options?: pulumi.CustomResourceOptions) {
        super("testing:index:Named", name, { name: undefined, ...args }, options);
    }
}

export class Provider extends pulumi.ProviderResource {
    constructor(name: string, args: Record<string, any> = {}, options?: pulumi.ResourceOptions) {
        super("testing", name, args, options);
    }
}

export class Group extends pulumi.ComponentResource {
    constructor(name: string, options?: pulumi.ComponentResourceOptions, type = "testing:index:Group") {
        super(type, name, {}, options);
    }
}
