#!/usr/bin/env bash
# Boots a machine that exists only in an emulator and runs one test program in it.
#
#     boot.sh FOLDER PROGRAM INIT LIBRARIES [NAME=VALUE ...]
#
# FOLDER is for the machine's files; PROGRAM is the test, INIT the compiled init.c, LIBRARIES the folder of the published library; then
# the test's environment. Prints the lines of the test; what the kernel said besides is in FOLDER/serial.txt.
set -euo pipefail
folder=$1 program=$2 init=$3 libraries=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
mkdir -p "$folder"
cd "$folder"
rm -rf root iso serial.txt

# The kernel: this machine's if it has one, else the newest of the package index.
kernel=$(find /boot -name 'vmlinuz-*' 2>/dev/null | sort -V | tail -1)
if [ -z "$kernel" ]; then
    if ! [ -d kernel ]; then
        package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
        apt-get download -qq "$package" 2>/dev/null
        dpkg-deb -x linux-image-*.deb kernel
    fi
    kernel=$(find kernel/boot -name 'vmlinuz-*')
fi

# The file system: the test, what it is linked with, and the tables that it reads.
mkdir -p root/bin root/lib root/lib64 root/proc root/tmp root/dev root/native-tests/conformance iso/isolinux
cp "$init" root/init
cp "$program" root/bin/test
cp "$libraries"/libnativeconv*.so root/lib/
ln -s libnativeconv.so root/lib/libnativeconv.so.1
for library in $(ldd "$program" | grep -oE '[[:space:]]/[^ ]+'); do
    [ -e "root/lib/$(basename "$library")" ] || cp -L "$library" root/lib/
done
cp root/lib/ld-linux-x86-64.so.2 root/lib64/
cp "$top"/native-tests/conformance/*.tsv root/native-tests/conformance/
(cd root && find . | cpio -o -H newc 2>/dev/null | gzip -1) > iso/initrd.gz

cp "$kernel" iso/vmlinuz
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 iso/isolinux/
# clearcpuid: XSAVEC and XSAVES, whose sizes the emulator tells in a way that makes the kernel do without AVX. Words with '=' that the kernel does
# not know are the environment of the test.
cat > iso/isolinux/isolinux.cfg <<CONFIGURATION
default test
timeout 1
label test
  kernel /vmlinuz
  append initrd=/initrd.gz console=ttyS0 quiet mitigations=off tsc=reliable clearcpuid=321,323 $*
CONFIGURATION
xorriso -as mkisofs -quiet -o boot.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table iso 2>/dev/null

cat > machine <<'CONFIGURATION'
plugin_ctrl: unmapped=1, biosdev=1, serial=1
display_library: rfb, options="timeout=0"
cpu: model=corei7_skylake_x, count=1, ips=50000000, ignore_bad_msrs=1
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial.txt
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
log: bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
CONFIGURATION
# Debian's Bochs begins in its debugger.
printf 'continue\nquit\n' | bochs -q -f machine > bochs.txt 2>&1 || true

tr -d '\r' < serial.txt | grep -aE '^(not )?ok ' || true
grep -aq 'the test ended with 0' serial.txt || { echo "not ok emulated: the test did not end well: $folder/serial.txt"; exit 1; }
