// Values that nest deep, and numbers that JSON does not have.
import * as pulumi from "@pulumi/pulumi";
import { Thing, step } from "./testing";

let nested: unknown = "bottom";
for (let level = 0; level < 200; level++) {
    nested = level % 2 === 0 ? { d: nested } : [nested];
}
const thing = new Thing("deep", { value: nested as never, secret: pulumi.secret(nested) as never });
export const deep = thing.value;
if (step === 1) {
    new Thing("endless", { value: Infinity });
}
