export { standsInForVersion } from "./service.ts";
