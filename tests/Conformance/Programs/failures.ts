// Operations that fail, a resource that does not get ready, a provider that crashes; what is independent goes on if asked.
import { Thing, config, step } from "./testing";

const how = config.get("how") ?? "none";
const when = (name: string, operation: string) => how === name ? operation : undefined;
const first = new Thing("first", { value: step, immutable: how === "replace" ? "b" : "a", fail: when("fail", "create") ?? when("update", "update") ?? when("replace", "create"), initFail: when("init", "create"), crash: when("crash", "create") });
new Thing("second", { value: first.computed });
new Thing("other", { value: step, delay: 100 });
new Thing("third", { value: first.computed }, { dependsOn: [first] });
if (how !== "leave") {
    new Thing("stubborn", { value: 1, fail: "delete" });
}
