// What Pulumi's runner requires: it knows JavaScript entries only. Node strips the types of the rest.
export { pack } from "./src/main.ts";
