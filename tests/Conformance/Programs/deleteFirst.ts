// Delete before replace: by the program, with a chain of dependents that would be replaced too, and by the provider.
import { Thing, step } from "./testing";

const letter = step >= 1 ? "b" : "a";
const root = new Thing("root", { immutable: letter }, { deleteBeforeReplace: true });
const middle = new Thing("middle", { immutable: root.computed });
const leaf = new Thing("leaf", { immutable: middle.computed });
new Thing("updated", { value: root.computed });
new Thing("ordered", { value: 1 }, { dependsOn: [root] });
new Thing("byProvider", { immutableFirst: step >= 2 ? "b" : "a" });
new Thing("overridden", { immutableFirst: step >= 2 ? "b" : "a" }, { deleteBeforeReplace: false });

export const last = leaf.computed;
