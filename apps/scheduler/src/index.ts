export { defaultConfig, type ServerConfig } from "./config/server-config.ts";
export { serve, type RunningServer } from "./start/serve.ts";
// Internal: for the benchmark that times the stages of a submit.
export { SubmitDecoder } from "./mapping/received-submit.ts";
export { submitItemFromReceived } from "./mapping/submit-item.ts";
