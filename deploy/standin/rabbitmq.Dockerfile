# Stands in for rabbitmq:3.10: the same user id, directories and variables, as far as this project uses them.
FROM debian:bookworm-slim
ARG DEBIAN_FRONTEND=noninteractive
RUN groupadd --system --gid 999 rabbitmq \
    && useradd --system --uid 999 --gid rabbitmq --home-dir /var/lib/rabbitmq rabbitmq \
    && apt-get update \
    && apt-get upgrade -y \
    && apt-get install -y rabbitmq-server \
    && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq \
    && install -d -o rabbitmq -g rabbitmq -m 1777 \
        /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq /etc/rabbitmq/conf.d
# Debian's commands in /usr/sbin insist on root or the user rabbitmq; these are the same without that.
ENV HOME=/var/lib/rabbitmq LANG=C.UTF-8 LC_ALL=C.UTF-8 \
    PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY rabbitmq-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
VOLUME /var/lib/rabbitmq
EXPOSE 5672
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
