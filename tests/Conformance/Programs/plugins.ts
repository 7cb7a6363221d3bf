// Packages whose plugin is missing, writes something else than its port, or ends.
import { Thing, config } from "./testing";

new Thing("fine", { value: 1 });
const name = config.require("package");
new Thing("broken", { value: 1 }, {}, `${name}:index:Thing`);
