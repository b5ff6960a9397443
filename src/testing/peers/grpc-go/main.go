// The server of gRPC's interop tests in its Go implementation, once for each kind of connection: plaintext, TLS, and
// TLS that wants a client certificate, by a CA that signed ours or by another. Prints a name and an address for each,
// and ends when its input does.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/interop"
	testpb "google.golang.org/grpc/interop/grpc_testing"
)

func serve(cfg *tls.Config, name string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var opts []grpc.ServerOption
	if cfg != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(cfg)))
	}
	s := grpc.NewServer(opts...)
	testpb.RegisterTestServiceServer(s, interop.NewTestServer())
	fmt.Println(name, l.Addr().String())
	go s.Serve(l)
}

func main() {
	dir := os.Args[1]
	cert, err := tls.LoadX509KeyPair(dir+"/server.pem", dir+"/server.key")
	if err != nil {
		panic(err)
	}
	pool := func(f string) *x509.CertPool {
		p := x509.NewCertPool()
		b, _ := os.ReadFile(dir + "/" + f)
		p.AppendCertsFromPEM(b)
		return p
	}
	serve(nil, "plain")
	serve(&tls.Config{Certificates: []tls.Certificate{cert}}, "tls")
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		serve(&tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool("ca.pem"), MaxVersion: v}, fmt.Sprintf("mtls-%x", v))
		serve(&tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool("other-ca.pem"), MaxVersion: v}, fmt.Sprintf("other-%x", v))
	}
	b := make([]byte, 1)
	os.Stdin.Read(b)
}
