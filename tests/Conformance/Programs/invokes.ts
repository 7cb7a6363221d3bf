// Functions: plain, in output form with dependencies, with the provider of a parent or of its own, failing.
import * as pulumi from "@pulumi/pulumi";
import { Provider, Thing, step } from "./testing";

const north = new Provider("north", { region: "north" });
const thing = new Thing("thing", { value: "stored" }, { provider: north });
const echo = (args: any, options?: pulumi.InvokeOutputOptions) => pulumi.runtime.invokeOutput<any>("testing:index:echo", args, options);

export const plain = pulumi.output(pulumi.runtime.invoke("testing:index:echo", { value: 1, nested: { list: [1, 2] } })).apply(result => result.nested.list);
export const ofParent = echo({ a: 1 }, { parent: thing }).apply(result => result.region);
export const ofProvider = echo({ a: 1 }, { provider: north }).apply(result => result.region);
export const secret = echo({ value: pulumi.secret("argument-secret") }).apply(result => result.value);
export const after = echo({ id: "thing" }, { dependsOn: [thing] }).apply(() => "called after");
export const found = thing.id.apply(id => id).apply(id => echo({ id })).apply(result => result.found.value);
if (step === 1) {
    pulumi.output(pulumi.runtime.invoke("testing:index:echo", { reject: true }));
} else if (step === 2) {
    pulumi.output(pulumi.runtime.invoke("testing:index:echo", { fail: true }));
}
