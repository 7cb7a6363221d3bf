// Independent resources that each take a while.
import { Thing } from "./testing";

for (let i = 0; i < 6; i++) {
    new Thing(`slow${i}`, { delay: 200 });
}
