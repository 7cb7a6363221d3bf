// Resources as values: custom ones and components, as inputs and as outputs of the stack.
import * as pulumi from "@pulumi/pulumi";
import { Group, Thing } from "./testing";

pulumi.runtime.registerResourceModule("testing", "index", {
    version: "1.0.0",
    construct: (name: string, type: string, urn: string) => type === "testing:index:Group" ? new Group(name, { urn }) : new Thing(name, {}, { urn }),
});
const thing = new Thing("thing", { value: "original" });
const group = new Group("group");
const holder = new Thing("holder", { thing, group, list: [thing] });
export const outThing = thing;
export const viaHolder = (holder as any).thing.apply((t: Thing) => t.value);
