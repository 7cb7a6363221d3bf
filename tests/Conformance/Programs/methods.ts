// A method of a resource.
import { Provider, Thing } from "./testing";

const provider = new Provider("north", { region: "north" });
export const said = new Thing("here", { value: 1 }).describe("hello");
export const saidThere = new Thing("there", { value: 1 }, { provider }).describe("hello");
