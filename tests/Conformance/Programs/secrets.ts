// Secrets of every origin: configuration, program, provider, additionalSecretOutputs; nested; in logs and errors.
import * as pulumi from "@pulumi/pulumi";
import { Thing, config, step } from "./testing";

const configured = config.requireSecret("password");
const given = pulumi.secret("given-4711");
const first = new Thing("first", { value: configured, map: { inner: given, open: "visible" }, list: ["seen", pulumi.secret(`listed-${step}-secret`)], makeSecret: true });
const second = new Thing("second", { value: "extra-secret-output", other: step }, { additionalSecretOutputs: ["value", "computed"] });
configured.apply(password => {
    console.log(`logged: ${password}`);
    void pulumi.log.warn(`warned: ${password}`);
});
if (step === 2) {
    new Thing("third", { value: pulumi.interpolate`derived ${given}`, fail: "create" });
    throw new Error("thrown given-4711");
}

export const password = configured;
export const nested = { map: first.value, derived: pulumi.interpolate`with ${given}`, open: "visible" };
export const made = first.made;
export const additional = second.computed;
