// Explicit providers, a component's providers for its children, a provider that changes, one whose change replaces.
import { Group, Provider, Thing, step } from "./testing";

const north = new Provider("north", { region: step >= 2 ? "arctic" : "north", tags: `${step >= 1 ? 1 : 0}` });
const south = new Provider("south", { region: "south" });
const direct = new Thing("direct", { value: 1 }, { provider: north });
const group = new Group("group", { providers: [south] });
const inner = new Group("inner", { parent: group });
new Thing("inherited", { value: 1 }, { parent: inner });
new Thing("ofParent", { value: 1 }, { parent: direct });
new Thing("default", { value: 1 });
new Thing("moved", { value: 1 }, { provider: step >= 3 ? south : undefined });
