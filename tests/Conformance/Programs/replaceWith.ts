// Replacement for another resource's sake and by a trigger.
import { Thing, step } from "./testing";

const leader = new Thing("leader", { immutable: step >= 1 ? "b" : "a" });
new Thing("follower", { value: 1 }, { replaceWith: [leader] });
new Thing("triggered", { value: 1 }, { replacementTrigger: step >= 2 ? "second" : "first" });
new Thing("calm", { value: 1 });
