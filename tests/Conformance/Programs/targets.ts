// A small graph for targets, exclusions and forced replacement.
import { Group, Thing, step } from "./testing";

const a = new Thing("a", { value: step });
const b = new Thing("b", { value: a.computed, own: step });
new Thing("c", { value: b.computed, own: step });
const group = new Group("group");
new Thing("d", { value: step }, { parent: group });
new Thing("e", { value: step });
if (step === 2) {
    const fresh = new Thing("fresh", { value: 1 });
    new Thing("needs", { value: 1 }, { dependsOn: [fresh] });
}
