"""Where a test's K3s comes from."""

import datetime
import http.server
import ipaddress
import ssl
import threading

import support


class ReleasePage:
    """A mirror of K3s' release page on this machine, over TLS with a certificate of its own."""

    def __init__(self, folder):
        self.pages, self.asked = {}, []
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page.asked.append(self.path)
                status, body = (200, page.pages[self.path]) if self.path in page.pages else (404, b"gone")
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.certificate = folder / "release-page.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.make_certificate(folder / "release-page.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}/k3s"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def make_certificate(self, key_file):
        """Of this test alone; gone with its folder."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "release page")])
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                       .public_key(key.public_key()).serial_number(x509.random_serial_number())
                       .not_valid_before(now - day).not_valid_after(now + day)
                       .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                       .add_extension(x509.SubjectAlternativeName(
                           [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
                       .sign(key, hashes.SHA256()))
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                               serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()))
        return key_file

    def release(self, version):
        """Publishes a version: the checksums alone, since nobody fetches more here."""
        folder = f"/k3s/{version.replace('+', '%2B')}"
        for number, (arch, binary) in enumerate((("amd64", "k3s"), ("arm64", "k3s-arm64"))):
            files = (binary, f"k3s-airgap-images-{arch}.tar.zst", "k3s-images.txt")
            self.pages[f"{folder}/sha256sum-{arch}.txt"] = "".join(
                f"{3 * number + i:064x}  {file}\n" for i, file in enumerate(files)).encode()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class WithReleases:
    """For a ProjectCase: a release page that has the K3s of the tests, and is trusted."""

    def setUp(self):
        super().setUp()
        self.page = ReleasePage(self.home)
        self.addCleanup(self.page.close)
        self.page.release(support.VERSION)

    def environment(self):
        return super().environment() | {"SSL_CERT_FILE": str(self.page.certificate)}
