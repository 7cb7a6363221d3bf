// Changes that replace although the provider would update: a property, a path, everything.
import { Thing, step } from "./testing";

new Thing("property", { value: step, other: 1 }, { replaceOnChanges: ["value"] });
new Thing("other", { value: 1, other: step }, { replaceOnChanges: ["value"] });
new Thing("path", { map: { a: step, b: 1 } }, { replaceOnChanges: ["map.a"] });
new Thing("everything", { value: step }, { replaceOnChanges: ["*"] });
new Thing("both", { value: step }, { replaceOnChanges: ["*"], ignoreChanges: ["value"] });
