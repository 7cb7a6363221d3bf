// Automatic names: kept while the resource lives, new for a replacement, left alone where the program gives one.
import { Named, step } from "./testing";

const automatic = new Named("automatic", { value: step === 1 ? 2 : 1, immutable: step >= 2 ? "b" : "a" });
const given = new Named("given", { name: "fixed-name" });
export const automaticName = automatic.name;
export const givenName = given.name;
