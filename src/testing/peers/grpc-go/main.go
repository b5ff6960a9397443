// The server of gRPC's interop tests in its Go implementation, once for each kind of connection: plaintext, TLS, and
// TLS that wants a client certificate, by a CA that signed ours or by another. Prints a name and an address for each,
// then READY, and ends when its input does.
package main

import (
	"context"
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

// The interop server of Go leaves response_compressed to whoever embeds it.
func compressAsAsked(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if asked, ok := req.(*testpb.SimpleRequest); ok && asked.GetResponseCompressed().GetValue() {
		if err := grpc.SetSendCompressor(ctx, "gzip"); err != nil {
			return nil, err
		}
	}
	return next(ctx, req)
}

func serve(cfg *tls.Config, name string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	opts := []grpc.ServerOption{grpc.UnaryInterceptor(compressAsAsked)}
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
	mutual := func(ca string, version uint16) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool(ca), MaxVersion: version}
	}
	serve(nil, "plain")
	serve(&tls.Config{Certificates: []tls.Certificate{cert}}, "tls")
	serve(mutual("ca.pem", tls.VersionTLS13), "mtls")
	serve(mutual("ca.pem", tls.VersionTLS12), "mtls-1.2")
	serve(mutual("other-ca.pem", tls.VersionTLS13), "other")
	serve(mutual("other-ca.pem", tls.VersionTLS12), "other-1.2")
	fmt.Println("READY")
	b := make([]byte, 1)
	os.Stdin.Read(b)
}
