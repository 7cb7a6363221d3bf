// A provider whose configuration comes from a resource that does not exist yet.
import * as pulumi from "@pulumi/pulumi";
import { Provider, Thing } from "./testing";

const source = new Thing("source", { value: "here" });
const provider = new Provider("late", { region: source.computed });
const thing = new Thing("thing", { value: 1 }, { provider });
export const computed = thing.computed;
export const looked = pulumi.runtime.invokeOutput<any>("testing:index:echo", { a: 1 }, { provider }).apply(result => result.region);
