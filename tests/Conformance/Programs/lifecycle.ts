// A resource is made, kept, changed, replaced and removed; its dependents follow.
import { Thing, step } from "./testing";

const base = new Thing("base", { value: step >= 1 ? "two" : "one", immutable: step >= 2 ? "b" : "a" });
new Thing("dependent", { value: base.computed });
new Thing("bystander", { value: 1 });
if (step < 3) {
    new Thing("leaver", { value: base.computed });
}

export const computed = base.computed;
