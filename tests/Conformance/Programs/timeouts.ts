// Custom time limits reach the provider, in seconds.
import { Thing, step } from "./testing";

if (step < 2) {
    new Thing("patient", { value: step }, { customTimeouts: { create: "1h30m", update: "90s", delete: "1m" } });
}
