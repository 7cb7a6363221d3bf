// Changes that are ignored: whole properties, members, items, wildcards, properties that come or go.
import { Thing, step } from "./testing";

const late = step >= 1;
new Thing("whole", { value: step }, { ignoreChanges: ["value"] });
new Thing("member", { map: { kept: step, followed: step } }, { ignoreChanges: ["map.kept"], hideDiffs: ["map.followed"] });
new Thing("quoted", { map: { "odd.key": step } }, { ignoreChanges: ["map[\"odd.key\"]"] });
new Thing("item", { list: [step, step] }, { ignoreChanges: ["list[0]"] });
new Thing("wildcard", { list: [{ a: step, b: step }, { a: step, b: step }] }, { ignoreChanges: ["list[*].a"] });
new Thing("added", late ? { value: 1, extra: "new" } : { value: 1 }, { ignoreChanges: ["extra"] });
new Thing("removed", late ? { value: 1 } : { value: 1, extra: "old" }, { ignoreChanges: ["extra"] });
new Thing("everything", { value: step, immutable: `${step}` }, { ignoreChanges: ["*"] });
new Thing("replacement", { immutable: `${step}` }, { ignoreChanges: ["immutable"] });
new Thing("grown", { list: late ? [1, 2] : [1] }, { ignoreChanges: ["list[1]"] });
