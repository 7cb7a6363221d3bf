// Resources that stay in the cloud when they leave the program, and those that go away with another.
import { Thing, step } from "./testing";

if (step < 2) {
    new Thing("kept", { immutable: step >= 1 ? "b" : "a" }, { retainOnDelete: true });
    const server = new Thing("server", { value: 1 });
    new Thing("disk", { value: 1 }, { deletedWith: server });
}
