// Resource hooks: before and after creation, update and deletion, and an error hook that asks for another try.
import * as fs from "fs";
import * as pulumi from "@pulumi/pulumi";
import { Thing, config, step } from "./testing";

const note = (text: string) => fs.appendFileSync("hooks.txt", text + "\n");
const hook = (name: string, options?: pulumi.ResourceHookOptions) => new pulumi.ResourceHook(name, args => {
    const outputs: any = args.newOutputs ?? args.oldOutputs;
    note(`${name} ${args.name} ${args.urn.split("::").pop()} id=${args.id ? "yes" : "no"} in=${JSON.stringify((args.newInputs as any)?.value)} was=${JSON.stringify((args.oldInputs as any)?.value)} out=${outputs?.computed ? "yes" : "no"}`);
    if (config.get("how") === name) {
        throw new Error(`${name} refuses`);
    }
}, options);

const hooks = {
    beforeCreate: [hook("beforeCreate")],
    afterCreate: [hook("afterCreate", { onDryRun: true })],
    beforeUpdate: [hook("beforeUpdate")],
    afterUpdate: [hook("afterUpdate")],
    beforeDelete: [hook("beforeDelete")],
    afterDelete: [hook("afterDelete")],
};
if (step < 2) {
    const hooked = new Thing("hooked", { value: step }, { hooks });
    if (config.get("how") === "afterCreate") {
        new Thing("later", { value: hooked.computed });
    }
}
new Thing("plain", { value: 1 });
