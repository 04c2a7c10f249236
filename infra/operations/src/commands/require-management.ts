import { ApiClient } from "../kubernetes/api-client.ts";
import { loadKubeconfig } from "../kubernetes/kubeconfig.ts";
import { OperationProblem } from "../problem.ts";

/** Refuses where the management API server does not answer: before anything is begun. */
export async function requireManagement(kubeconfig: string | undefined): Promise<void> {
  if (kubeconfig === undefined || kubeconfig === "") {
    throw new OperationProblem(
      "usage",
      "KUBECONFIG is not set: the management cluster is unknown",
      "set it to the kubeconfig of the management cluster; for clusters on this machine use npm run up:local",
    );
  }
  const client = new ApiClient(loadKubeconfig(kubeconfig));
  try {
    const { status } = await client.request("GET", "/version");
    if (status === 200) {
      return;
    }
    throw new Error(`it answered ${status}`);
  } catch (error) {
    throw new OperationProblem(
      "unavailable",
      `the management cluster cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
      `see that the API server of ${kubeconfig} runs and can be reached; nothing was changed`,
    );
  }
}
