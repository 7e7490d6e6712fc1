"""The hosts of the bench, as bench/run wrote them down."""
import json
import os

with open(os.environ["BENCH_HOSTS"]) as listed:
    hosts = [
        (
            host["name"],
            {
                "ssh_hostname": host["address"],
                "ssh_user": host["user"],
                "ssh_key": host["keyFile"],
                # The first run learns the keys, the others compare them.
                "ssh_known_hosts_file": os.environ["BENCH_KNOWN_HOSTS"],
                "ssh_strict_host_key_checking": "accept-new",
                "group_names": host["groups"],
                "all_hosts": host["all"],
            },
        )
        for host in json.load(listed)
    ]
