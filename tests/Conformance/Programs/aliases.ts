// Resources that were called otherwise before: name, type, parent, no parent, project, whole URN; children of a renamed
// component; a resource that moves into a component.
import * as pulumi from "@pulumi/pulumi";
import { Group, Thing, step } from "./testing";

if (step === 0) {
    new Thing("oldName", { value: 1 });
    new Thing("typed", { value: 1 }, {}, "testing:index:OldThing");
    new Thing("grows", { value: 1 });
    const home = new Group("home");
    new Thing("leaves", { value: 1 }, { parent: home });
    new Thing("foreign", { value: 1 });
    new Thing("whole", { value: 1 });
    const old = new Group("shop");
    const inner = new Group("shop-inner", { parent: old });
    new Thing("shop-front", { value: 1 }, { parent: old });
    new Thing("shop-inner-back", { value: 1 }, { parent: inner });
} else {
    const renamed = new Thing("newName", { value: 1 }, { aliases: [{ name: "oldName" }] });
    new Thing("dependent", { value: renamed.computed });
    new Thing("typed", { value: 1 }, { aliases: [{ type: "testing:index:OldThing" }] });
    const home = new Group("home");
    new Thing("grows", { value: 1 }, { parent: home, aliases: [{ parent: pulumi.rootStackResource }] });
    new Thing("leaves", { value: 1 }, { aliases: [{ parent: home }] });
    new Thing("foreign", { value: 1 }, { aliases: [{ project: "elsewhere" }, { project: "conformance", stack: "dev" }] });
    new Thing("rest", { value: 1 }, { aliases: [`urn:pulumi:${pulumi.getStack()}::conformance::testing:index:Thing::whole`] });
    const renamedGroup = new Group("store", { aliases: [{ name: "shop" }] });
    const inner = new Group("store-inner", { parent: renamedGroup });
    new Thing("store-front", { value: 1 }, { parent: renamedGroup });
    new Thing("store-inner-back", { value: 1 }, { parent: inner });
    if (step === 2) {
        new Thing("thief", { value: 1 }, { aliases: [{ name: "newName" }] });
    }
}
