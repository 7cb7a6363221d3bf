// Values that nest deep, and numbers that JSON does not have.
import * as pulumi from "@pulumi/pulumi";
import { Thing, step } from "./testing";

let nested: unknown = "bottom";
for (let level = 0; level < 70; level++) {
    nested = level % 2 === 0 ? { d: nested } : [nested];
}
// Not beside deep values: how the SDK prints a failed program takes minutes with them.
const thing = step === 0
    ? new Thing("deep", { value: nested as never, secret: pulumi.secret(nested) as never })
    : new Thing("endless", { value: Infinity });
export const deep = thing.value;
