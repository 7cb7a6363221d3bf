// Outputs of another stack.
import * as pulumi from "@pulumi/pulumi";
import { Thing, config, step } from "./testing";

const other = new pulumi.StackReference(config.require("other"));
new Thing("user", { value: other.getOutput("hidden") });
export const address = other.getOutput("open").apply(open => open.address);
export const hidden = other.requireOutput("hidden");
export const none = other.getOutput("none").apply(value => value === undefined);
export const details = pulumi.output(other.getOutputDetails("open")).apply(found => found.value.ports);
if (step === 1) {
    other.requireOutput("none");
}
if (step === 2) {
    new pulumi.StackReference("organization/conformance/nobody");
}
