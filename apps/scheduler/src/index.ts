export { defaultConfig, type ServerConfig } from "./config/server-config.ts";
export { serve, type RunningServer } from "./start/serve.ts";
