// The package "hosted" of a provider on the official Node SDK's provider host, with a remote component.
import * as pulumi from "@pulumi/pulumi";
import { step } from "./testing";

class Widget extends pulumi.CustomResource {
    declare public readonly size: pulumi.Output<number>;
    declare public readonly label: pulumi.Output<string>;
    declare public readonly area: pulumi.Output<number>;
    constructor(name: string, args: Record<string, any>, options?: pulumi.CustomResourceOptions) {
        super("hosted:index:Widget", name, { size: undefined, label: undefined, area: undefined, ...args }, options);
    }
}

class Pair extends pulumi.ComponentResource {
    declare public readonly total: pulumi.Output<number>;
    declare public readonly left: pulumi.Output<any>;
    constructor(name: string, args: Record<string, any>, options?: pulumi.ComponentResourceOptions) {
        super("hosted:index:Pair", name, { total: undefined, left: undefined, ...args }, options, true);
    }
    public tell(prefix: pulumi.Input<string>): pulumi.Output<string> {
        return pulumi.runtime.call<any>("hosted:index:Pair/tell", { __self__: this, prefix }, this).apply<string>(result => result.text);
    }
}

const sizes = [3, 4, 4, 13, 14, -1];
const widget = new Widget("widget", { size: sizes[step], label: step >= 2 ? "renamed" : undefined });
const pair = new Pair("pair", { size: widget.size }, { protect: false });
export const area = widget.area;
export const total = pair.total;
export const told = pair.tell("told");
export const doubled = pulumi.runtime.invokeOutput<any>("hosted:index:double", { value: widget.size }).apply(result => result.doubled);
