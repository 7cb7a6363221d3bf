// Resources for the policy pack to look at.
import * as pulumi from "@pulumi/pulumi";
import { Thing, config } from "./testing";

new Thing("good", { value: "good", colour: "green" });
new Thing("fixed", { value: "good", colour: "red", hidden: pulumi.secret("policy-secret") });
if (config.getBoolean("bad")) {
    new Thing("bad", { value: "bad", hidden: pulumi.secret("policy-secret") });
}
if (config.getBoolean("doubtful")) {
    new Thing("doubtful", { value: "doubtful" });
}
for (let i = 0; i < (config.getNumber("many") ?? 0); i++) {
    new Thing(`many${i}`, { value: "good" });
}
