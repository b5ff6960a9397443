// The client half of @grpc/grpc-js, and nothing else of it.
//
// The package's index also loads its server, channelz, admin and load balancers
// that nobody here asks for: 14 ms of the 32 ms that the bundled library adds to
// a cold start (docs/adr, "gRPC client from parts"). So the parts are taken one
// by one; the version is pinned exactly, and every test of this folder would
// notice if one of them moved.
import { setup as setupPickFirst } from "@grpc/grpc-js/build/src/load-balancer-pick-first.js";
import { setup as setupRoundRobin } from "@grpc/grpc-js/build/src/load-balancer-round-robin.js";
import { setup as setupDns } from "@grpc/grpc-js/build/src/resolver-dns.js";
import { setup as setupIp } from "@grpc/grpc-js/build/src/resolver-ip.js";
import { setup as setupUnix } from "@grpc/grpc-js/build/src/resolver-uds.js";

export type { StatusObject } from "@grpc/grpc-js/build/src/call-interface.js";
export { ChannelImplementation as Channel } from "@grpc/grpc-js/build/src/channel.js";
export { ChannelCredentials } from "@grpc/grpc-js/build/src/channel-credentials.js";
export type { ChannelOptions } from "@grpc/grpc-js/build/src/channel-options.js";
export { ConnectivityState } from "@grpc/grpc-js/build/src/connectivity-state.js";
export { Status } from "@grpc/grpc-js/build/src/constants.js";
export { Metadata } from "@grpc/grpc-js/build/src/metadata.js";

setupDns();
setupUnix();
setupIp();
setupPickFirst();
setupRoundRobin();
