// Resources that exist already are taken over; inputs that do not match become an update, or an error where they replace.
import { Thing, config, step } from "./testing";

const id = config.get("id")!;
if (step === 0) {
    new Thing("adopted", { value: "as it is" }, { import: id });
} else if (step === 1) {
    new Thing("adopted", { value: "changed" }, { import: id });
} else if (step === 2) {
    new Thing("adopted", { value: "changed" });
} else if (step === 3) {
    new Thing("adopted", { value: "changed" });
    new Thing("missing", { value: 1 }, { import: "no-such-thing" });
} else if (step === 4) {
    new Thing("adopted", { value: "changed", immutable: "new" }, { import: id });
} else {
    new Thing("adopted", { value: "now it differs" }, { import: id });
}
