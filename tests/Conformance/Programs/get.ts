// Resources that are only read; a managed one that is let go; one that is taken over.
import { Thing, config, step } from "./testing";

const id = config.get("id")!;
const found = Thing.get("found", id);
export const computed = found.computed;
if (step === 1) {
    new Thing("user", { value: found.computed });
}
if (step === 2) {
    Thing.get("absent", "no-such-thing");
}
