import { entry, type Outputs } from "@ertis/pulumi-kit";
import { deploy } from "./deploy.ts";

const program: () => Promise<Outputs> = entry(deploy);
export default program;
