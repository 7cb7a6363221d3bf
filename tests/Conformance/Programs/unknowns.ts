// What a preview does not know: whole outputs, members, items, map keys' values; and what it does know.
import * as pulumi from "@pulumi/pulumi";
import { Thing, step } from "./testing";

const source = new Thing("source", { value: "known", immutable: step >= 1 ? "b" : "a" });
new Thing("consumer", { map: { deep: { unknown: source.computed, known: 1 } }, list: [source.computed, "known"], text: pulumi.interpolate`-${source.computed}-` });
let applied = 0;
source.computed.apply(() => applied++);
export const known = source.value;
export const unknown = source.computed;
export const nested = { inner: [source.computed, 1] };
