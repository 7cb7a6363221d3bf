// Resources that change behind the program's back.
import { Thing, step } from "./testing";

const a = new Thing("changed", { value: "program", more: 1 });
new Thing("vanished", { value: 1 });
new Thing("steady", { value: a.computed });
if (step === 1) {
    new Thing("new", { value: 1 });
}
