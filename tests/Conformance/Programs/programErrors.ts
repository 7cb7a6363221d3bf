// Programs that go wrong: exceptions, rejections, URNs twice, invalid inputs, an error that is only logged.
import * as pulumi from "@pulumi/pulumi";
import { Thing, config } from "./testing";

class Broken extends pulumi.ComponentResource {
    constructor() {
        super("testing:index:Broken", "broken");
        throw new Error("the component gave up");
    }
}

new Thing("fine", { value: 1 });
switch (config.get("how")) {
    case "throw": throw new Error("thrown on purpose");
    case "reject": void Promise.reject(new Error("rejected on purpose")); break;
    case "apply": pulumi.output(1).apply(() => { throw new Error("applied on purpose"); }); break;
    case "component": new Broken(); break;
    case "run": throw new pulumi.RunError("a run error, without its stack");
    case "twice": new Thing("fine", { value: 2 }); break;
    case "invalid": new Thing("wrong", { invalid: true }); break;
    case "log": void pulumi.log.error("logged on purpose"); break;
    case "exit": process.exit(3); break;
    case "config": config.require("never-set"); break;
    case "type": new Thing("odd", {}, {}, "nonsense"); break;
    case "read": new Thing("odd", {}, { id: "odd" }, "nonsense"); break;
    case "timeout": new Thing("odd", {}, { customTimeouts: { create: "soon" } }); break;
    case "transform": new Thing("odd", {}, { transforms: [() => { throw new Error("transformed on purpose"); }] }); break;
    case "urn": new Thing("odd", {}, { dependsOn: new pulumi.DependencyResource("bogus") }); break;
    case "dependency": new Thing("late", { value: pulumi.output(Promise.reject(new Error("an input was rejected"))) }); break;
    case "alias": new Thing("renamed", { value: 1 }, { aliases: [{ name: "fine" }] }); break;
}
