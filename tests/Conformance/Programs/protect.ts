// Protected resources are neither deleted nor replaced; children inherit protection; unprotecting and deleting takes two runs.
import { Group, Thing, step } from "./testing";

const group = new Group("group", { protect: step < 3 });
new Thing("child", { value: 1 }, { parent: group });
new Thing("treasure", { immutable: step === 2 ? "b" : "a" }, { protect: step < 3 });
if (step !== 1) {
    new Thing("removed", { value: 1 }, { protect: step < 3 });
}
