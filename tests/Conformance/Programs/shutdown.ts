// A program that stays until the end of the run: its resources are done, deletions included, before it is let go.
import * as fs from "fs";
import { Thing, step } from "./testing";

if (step === 0) {
    new Thing("leaver", { value: 1 });
}
new Thing("stayer", { value: 1 });
process.on("exit", () => {
    const there = fs.existsSync("cloud") ? fs.readdirSync("cloud").filter(name => name.endsWith(".json")).map(name => name.split("-")[0]).sort() : [];
    fs.writeFileSync("exit.txt", there.join(","));
});
