import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";

let announced: ReadonlyMap<string, string> | undefined;

/**
 * Listens to the engine's `ConfigureStack` call. `@pulumi/policy` answers it but keeps only the tags, and
 * an executable pack gets no `PULUMI_CONFIG`, so this reads the call as it is decoded. Must run before
 * the pack starts to serve.
 */
export function watchStackConfiguration(): void {
  const method = services.AnalyzerService.configureStack;
  const decode = method.requestDeserialize;
  method.requestDeserialize = (bytes) => {
    const request = decode(bytes);
    announced = new Map(request.getConfigMap().toArray());
    return request;
  };
}

/**
 * The stack's configuration: as the engine announced it, or as it stands in the environment, which is
 * how the engine tells a pack that is a folder.
 */
export function stackConfiguration(): ReadonlyMap<string, string> {
  if (announced !== undefined) {
    return announced;
  }
  const text = process.env["PULUMI_CONFIG"];
  if (text === undefined || text === "") {
    return new Map();
  }
  const parsed: Readonly<Record<string, string>> = JSON.parse(text);
  return new Map(Object.entries(parsed));
}
