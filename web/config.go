package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/caarlos0/env/v11"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Config is the environment, read once. Every problem is listed at once, so that a start fails one time and not five.
type Config struct {
	Addr           string   `env:"ANTEROOM_ADDR" envDefault:"127.0.0.1:8080"`
	PublicURL      string   `env:"ANTEROOM_PUBLIC_URL"`
	DataDir        string   `env:"ANTEROOM_DATA_DIR" envDefault:"data"`
	DatabaseURL    string   `env:"DATABASE_URL"`
	AppDatabaseURL string   `env:"ANTEROOM_APP_DATABASE_URL"`
	MasterKey      string   `env:"ANTEROOM_MASTER_KEY"`
	MasterKeyOld   string   `env:"ANTEROOM_MASTER_KEY_OLD"`
	ContextKey     string   `env:"ANTEROOM_CONTEXT_KEY"`
	LogLevel       string   `env:"ANTEROOM_LOG_LEVEL" envDefault:"info"`
	MetricsAddr    string   `env:"ANTEROOM_METRICS_ADDR"`
	DemoPublic     bool     `env:"ANTEROOM_DEMO_PUBLIC"`
	ProxyHeader    string   `env:"ANTEROOM_PROXY_HEADER"`
	TrustedProxies []string `env:"ANTEROOM_TRUSTED_PROXIES"`
	KeyRate        float64  `env:"ANTEROOM_KEY_RATE"`
	VapiURL        string   `env:"ANTEROOM_VAPI_URL"`

	Demo         bool     `env:"-"`
	masterKey    []byte   // decoded
	olderMasters [][]byte // while the master key is being changed
	contextKey   []byte
	level        slog.Level
}

// loadConfig reads the environment. Secrets that are not given are made and kept in the data folder, except beside a database of one's own:
// there a key that silently appears on one machine would leave the next one unable to read anything.
func loadConfig(demo bool) (Config, error) {
	c, err := env.ParseAs[Config]()
	if err != nil {
		return c, err
	}
	c.Demo = demo
	var problems []error
	if err := c.level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		problems = append(problems, fmt.Errorf("ANTEROOM_LOG_LEVEL must be debug, info, warn or error, not %q", c.LogLevel))
	}
	problems = append(problems, c.checkAddresses()...)
	c.masterKey, err = c.secret("ANTEROOM_MASTER_KEY", c.MasterKey, "master.key", privacy.NewMasterKey)
	problems = append(problems, err)
	if c.MasterKeyOld != "" {
		old, err := c.secret("ANTEROOM_MASTER_KEY_OLD", c.MasterKeyOld, "", nil)
		c.olderMasters = [][]byte{old}
		problems = append(problems, err)
	}
	c.contextKey, err = c.secret("ANTEROOM_CONTEXT_KEY", c.ContextKey, "context.key", newContextKey)
	problems = append(problems, err)
	return c, errors.Join(problems...)
}

func newContextKey() ([]byte, error) {
	key := make([]byte, 32)
	_, err := rand.Read(key)
	return key, err
}

func (c *Config) checkAddresses() (problems []error) {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return append(problems, fmt.Errorf("ANTEROOM_ADDR must be host:port, not %q", c.Addr))
	}
	if c.Demo && !c.DemoPublic && !isLoopback(host) {
		problems = append(problems, fmt.Errorf("the demo has public passwords and refuses %q; to serve it there anyway set ANTEROOM_DEMO_PUBLIC=true as well", c.Addr))
	}
	if (c.ProxyHeader == "") != (len(c.TrustedProxies) == 0) {
		problems = append(problems, fmt.Errorf("ANTEROOM_PROXY_HEADER and ANTEROOM_TRUSTED_PROXIES go together: a header is believed from these addresses only"))
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Addr
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		problems = append(problems, fmt.Errorf("ANTEROOM_PUBLIC_URL must be an http or https address"))
	}
	if u, err := url.Parse(c.VapiURL); c.VapiURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !isLoopback(u.Hostname())) {
		problems = append(problems, fmt.Errorf("ANTEROOM_VAPI_URL must be an https address: the clinics' private keys are sent there"))
	}
	return problems
}

// onLoopback says whether only this machine can reach the pages.
func (c *Config) onLoopback() bool {
	host, _, err := net.SplitHostPort(c.Addr)
	return err == nil && isLoopback(host)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// secret decodes what was given, or reads or makes the file in the data folder.
func (c *Config) secret(name, given, file string, make func() ([]byte, error)) ([]byte, error) {
	if path, ok := strings.CutPrefix(given, "file://"); ok {
		return readSecret(name, path)
	}
	if given != "" {
		return decodeSecret(name, given)
	}
	path := filepath.Join(c.DataDir, file)
	if _, err := os.Stat(path); err == nil {
		return readSecret(name, path)
	}
	if c.DatabaseURL != "" && !c.Demo {
		return nil, fmt.Errorf("%s is not set: beside a database of your own, give 32 bytes in base64 (openssl rand -base64 32) or file:///path", name)
	}
	key, err := make()
	if err != nil {
		return nil, err
	}
	return key, writeSecret(path, key)
}

func readSecret(name, path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return decodeSecret(name, strings.TrimSpace(string(b)))
}

func decodeSecret(name, text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("%s must be at least 32 bytes in base64", name)
	}
	return key, nil
}

func writeSecret(path string, key []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600)
}

// appPassword follows from the context key, so that every node of an installation knows it without being told.
func (c *Config) appPassword() string {
	if c.AppDatabaseURL != "" {
		if u, err := url.Parse(c.AppDatabaseURL); err == nil && u.User != nil {
			if p, ok := u.User.Password(); ok {
				return p
			}
		}
	}
	mac := hmac.New(sha256.New, c.contextKey)
	mac.Write([]byte("password of " + tenancy.AppRole))
	return hex.EncodeToString(mac.Sum(nil)[:24])
}

func (c *Config) appDSN(ownerDSN string) (string, error) {
	if c.AppDatabaseURL != "" {
		return c.AppDatabaseURL, nil
	}
	return tenancy.AppDSN(ownerDSN, c.appPassword())
}
