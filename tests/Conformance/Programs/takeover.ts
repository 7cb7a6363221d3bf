// A resource that is read first and managed later, and the other way round.
import { Thing, config, step } from "./testing";

const id = config.get("id");
if (step === 0) {
    new Thing("released", { value: 1 });
} else if (step === 1) {
    Thing.get("released", id!);
} else {
    new Thing("released", { value: 2 });
}
